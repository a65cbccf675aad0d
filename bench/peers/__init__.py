"""The same nine fields under plain Django and under django-simple-history: peers to measure against."""
