"""asyncpg: a pool whose every new connection logs in with a fresh token.

pip install asyncpg boto3
"""

import asyncio
import os
import ssl

import asyncpg
import boto3

host, port, user = os.environ["PGHOST"], int(os.environ.get("PGPORT", "5432")), os.environ["PGUSER"]
rds = boto3.client("rds", region_name=os.environ["AWS_REGION"])


def sign():
    return rds.generate_db_auth_token(DBHostname=host, Port=port, DBUsername=user)


async def main():
    # A function as the password: it is called for each new connection.
    pool = asyncpg.create_pool(
        host=host,
        port=port,
        user=user,
        database=os.environ["PGDATABASE"],
        # PGPASSWORD is for the proxy, which signs itself.
        password=os.environ.get("PGPASSWORD", sign),
        ssl=ssl.create_default_context(cafile=os.environ["PGSSLROOTCERT"]),
        min_size=2,
    )
    # Two at once are two connections, and so two tokens.
    async with pool, pool.acquire() as first, pool.acquire() as second:
        for connection in (first, second):
            print(await connection.fetchval("SELECT current_user"))


asyncio.run(main())
