"""psycopg 3: a pool whose every new connection logs in with a fresh token.

pip install 'psycopg[binary,pool]' boto3
"""

import os

import boto3
import psycopg
from psycopg_pool import ConnectionPool

host, port, user = os.environ["PGHOST"], int(os.environ.get("PGPORT", "5432")), os.environ["PGUSER"]
rds = boto3.client("rds", region_name=os.environ["AWS_REGION"])


class IamConnection(psycopg.Connection):
    """Signs a token for each connection. AWS is not asked; boto3 renews the credentials."""

    @classmethod
    def connect(cls, conninfo="", **kwargs):
        if "PGPASSWORD" not in os.environ:  # which is for the proxy: it signs itself
            kwargs["password"] = rds.generate_db_auth_token(DBHostname=host, Port=port, DBUsername=user)
        return super().connect(conninfo, **kwargs)


# PGDATABASE is taken from the environment, as is PGSSLROOTCERT.
pool = ConnectionPool(
    psycopg.conninfo.make_conninfo(host=host, port=port, user=user, sslmode="verify-full"),
    connection_class=IamConnection,
    min_size=2,
    open=True,
)
# Two at once are two connections, and so two tokens.
with pool.connection() as first, pool.connection() as second:
    for connection in (first, second):
        print(connection.execute("SELECT current_user").fetchone()[0])
pool.close()
