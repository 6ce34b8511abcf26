"""A database backend for Django: PostgreSQL's own, with a fresh token for each new connection.

DATABASES = {"default": {"ENGINE": "rds_iam", "NAME": …, "HOST": …, "PORT": …, "USER": …, "REGION": …}}
"""

from functools import lru_cache

import boto3
from django.db.backends.postgresql import base


@lru_cache
def client(region):
    return boto3.client("rds", region_name=region)


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self):
        parameters, settings = super().get_connection_params(), self.settings_dict
        if settings["PASSWORD"]:  # of the proxy, which signs itself
            return parameters
        token = client(settings["REGION"]).generate_db_auth_token(
            DBHostname=settings["HOST"], Port=int(settings["PORT"] or 5432), DBUsername=settings["USER"]
        )
        return {**parameters, "password": token}
