//! sqlx: a pool that is given a new token every ten minutes, before the last one ends.

use std::{env, error::Error, time::Duration};

use aws_sdk_rds::auth_token::{AuthTokenGenerator, Config};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgSslMode};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let aws = aws_config::load_from_env().await;
    // PGHOST, PGPORT, PGUSER, PGDATABASE and PGSSLROOTCERT are read from the environment.
    let to = PgConnectOptions::new().ssl_mode(PgSslMode::VerifyFull);
    // The token is signed here, without a call to AWS.
    let signer = AuthTokenGenerator::new(
        Config::builder()
            .hostname(to.get_host())
            .port(to.get_port().into())
            .username(env::var("PGUSER")?)
            .build()?,
    );
    // PGPASSWORD is for the proxy, which signs itself.
    if env::var("PGPASSWORD").is_ok() {
        return print_users(PgPoolOptions::new().connect_with(to).await?).await;
    }
    let token = signer.auth_token(&aws).await?;
    let pool = PgPoolOptions::new()
        .connect_with(to.clone().password(token.as_str()))
        .await?;

    // A pool of sqlx calls nobody for a new connection. It takes new options for all that it opens from then on.
    let renewed = pool.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(600)).await;
            match signer.auth_token(&aws).await {
                Ok(token) => renewed.set_connect_options(to.clone().password(token.as_str())),
                Err(error) => eprintln!("no new token: {error}"),
            }
        }
    });

    print_users(pool).await
}

async fn print_users(pool: PgPool) -> Result<(), Box<dyn Error + Send + Sync>> {
    let (mut first, mut second) = (pool.acquire().await?, pool.acquire().await?);
    for connection in [&mut first, &mut second] {
        let user: String = sqlx::query_scalar("SELECT current_user::text")
            .fetch_one(&mut **connection)
            .await?;
        println!("{user}");
    }
    Ok(())
}
