"""SQLAlchemy, with psycopg 3: an engine whose every new connection logs in with a fresh token.

pip install sqlalchemy 'psycopg[binary]' boto3
"""

import os

import boto3
from sqlalchemy import URL, create_engine, event, text

host, port, user = os.environ["PGHOST"], int(os.environ.get("PGPORT", "5432")), os.environ["PGUSER"]
rds = boto3.client("rds", region_name=os.environ["AWS_REGION"])

engine = create_engine(
    URL.create("postgresql+psycopg", username=user, host=host, port=port, database=os.environ["PGDATABASE"]),
    connect_args={"sslmode": "verify-full", "sslrootcert": os.environ["PGSSLROOTCERT"]},
)


@event.listens_for(engine, "do_connect")
def sign(_dialect, _record, _args, params):
    """Called for each new connection of the pool."""
    if "PGPASSWORD" not in os.environ:  # which is for the proxy: it signs itself
        params["password"] = rds.generate_db_auth_token(DBHostname=host, Port=port, DBUsername=user)


# Two at once are two connections, and so two tokens.
with engine.connect() as first, engine.connect() as second:
    for connection in (first, second):
        print(connection.execute(text("SELECT current_user")).scalar_one())
