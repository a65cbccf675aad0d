"""Who may sign in, with what, and what was tried. Rights are not here: they follow from appointments (`rights`)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from sekisho.kernel import clock

API, CALENDAR, WATCH = "api", "calendar", "watch"  # what a token is for: it opens that door and no other
LOGIN_LENGTH = 64
SERVICE_LENGTH = 64


class AccountManager(BaseUserManager["Account"]):
    """Accounts by login name, upper and lower case alike."""

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(login__iexact=username or "")


class Account(AbstractBaseUser):
    """A way in. `person` is the key of a Person record, or empty for an administrator who is none.

    `administers` lets the account keep other accounts, and nothing else: rights over records come from appointments.
    Counting `session_epoch` up ends every session of the account, whether it is listed anywhere or not.
    """

    login = models.CharField(max_length=LOGIN_LENGTH, unique=True)
    person = models.CharField(max_length=64, blank=True, default="", db_index=True)
    is_active = models.BooleanField(default=True)
    administers = models.BooleanField(default=False)
    must_change_password = models.BooleanField(default=False)
    session_epoch = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.CharField(max_length=100, default="")

    objects = AccountManager()

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = (
            models.UniqueConstraint(Lower("login"), name="account_login_once"),
            models.UniqueConstraint(
                fields=["person"], condition=~models.Q(person=""), name="account_one_a_person"
            ),
        )

    def __str__(self) -> str:
        return self.login

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What each session of the account carries (Django asks at each request): password and epoch."""
        salt, value = "sekisho.access.session", f"{self.session_epoch}:{self.password}"
        return str(salted_hmac(salt, value, secret=secret, algorithm="sha256").hexdigest())


class Token(models.Model):
    """A key for programs, bound to an account (its person's rights) or to a service (the listed kinds, nothing else).

    Only the SHA-256 of the secret is kept. `reads` and `writes` are names of kinds; None bounds nothing further.
    One whose `purpose` is CALENDAR stands in the address of an account's calendar feed, and is good for that alone.
    With one for the WATCH a service has its logins and withdrawals judged, and touches no record.
    """

    id = models.CharField(max_length=26, primary_key=True)
    label = models.CharField(max_length=100)
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="tokens")
    service = models.CharField(max_length=SERVICE_LENGTH, blank=True, default="")
    purpose = models.CharField(max_length=10, default=API)
    secret_sha256 = models.CharField(max_length=64)
    reads: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)
    writes: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.CharField(max_length=100, default="")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(account__isnull=False, service="")
                | (models.Q(account__isnull=True) & ~models.Q(service="")),
                name="token_account_or_service",
            ),
            models.CheckConstraint(
                condition=models.Q(purpose=API)
                | models.Q(purpose=CALENDAR, account__isnull=False)
                | models.Q(purpose=WATCH, account__isnull=True),
                name="token_purpose",
            ),
        )

    def __str__(self) -> str:
        return self.label


class UsedCode(models.Model):
    """A one-time code that was used: the same code is not taken twice, whichever process it comes to."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["account", "digest"], name="code_used_once"),)

    def __str__(self) -> str:
        return f"{self.account_id} {self.at}"


class FailedSignIn(models.Model):
    """A refused try to sign in, for the lock-out. `who` is a digest of the login name that was typed."""

    who = models.CharField(max_length=64)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = (
            models.Index(fields=("who", "at"), name="failed_by_login"),
            models.Index(fields=("address", "at"), name="failed_by_address"),
        )

    def __str__(self) -> str:
        return f"{self.address} {self.at}"
