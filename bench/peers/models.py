from django.db import models
from simple_history.models import HistoricalRecords


class Fields(models.Model):
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=200)
    unit = models.CharField(max_length=64)
    employment = models.CharField(max_length=40)
    vendor = models.CharField(max_length=200)
    notes = models.TextField()
    joined_on = models.DateField()
    left_on = models.DateField(null=True)
    ver = models.IntegerField(default=1)

    class Meta:
        abstract = True


class Plain(Fields):
    class Meta:
        app_label = "peers"


class Tracked(Fields):
    history = HistoricalRecords()

    class Meta:
        app_label = "peers"
