"""What a WSGI server runs: `gunicorn sekisho.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sekisho.settings")

application = get_wsgi_application()
