"""DuckDB's postgres extension: a token in a secret, made just before ATTACH.

pip install duckdb boto3
"""

import os

import boto3
import duckdb

host, port, user = os.environ["PGHOST"], int(os.environ.get("PGPORT", "5432")), os.environ["PGUSER"]
# PGPASSWORD is for the proxy, which signs itself.
password = os.environ.get("PGPASSWORD") or boto3.client(
    "rds", region_name=os.environ["AWS_REGION"]
).generate_db_auth_token(DBHostname=host, Port=port, DBUsername=user)

database = duckdb.connect()
database.execute("INSTALL postgres; LOAD postgres")
# The extension reads PGSSLMODE and PGSSLROOTCERT, as all clients of libpq do.
quoted = password.replace("'", "''")
database.execute(
    f"CREATE SECRET orders (TYPE postgres, HOST '{host}', PORT {port}, USER '{user}', "
    f"DATABASE '{os.environ['PGDATABASE']}', PASSWORD '{quoted}')"
)
database.execute("ATTACH '' AS orders (TYPE postgres, SECRET orders, READ_ONLY)")
for _ in range(2):
    print(database.execute("SELECT * FROM postgres_query('orders', 'SELECT current_user')").fetchone()[0])
