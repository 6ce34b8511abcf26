"""Django, with the backend in rds_iam/.

pip install django 'psycopg[binary]' boto3
"""

import os

import django
from django.conf import settings

settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "rds_iam",
            "NAME": os.environ["PGDATABASE"],
            "HOST": os.environ["PGHOST"],
            "PORT": os.environ.get("PGPORT", "5432"),
            "USER": os.environ["PGUSER"],
            "PASSWORD": os.environ.get("PGPASSWORD"),
            "REGION": os.environ["AWS_REGION"],
            "OPTIONS": {"sslmode": "verify-full", "sslrootcert": os.environ["PGSSLROOTCERT"]},
        }
    }
)

django.setup()

from django.db import connection  # noqa: E402

# A connection that is closed, as CONN_MAX_AGE does it, is opened again with another token.
for _ in range(2):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        print(cursor.fetchone()[0])
    connection.close()
