// pgx: a pool whose every new connection logs in with a fresh token.
// go get github.com/jackc/pgx/v5 github.com/aws/aws-sdk-go-v2/config github.com/aws/aws-sdk-go-v2/feature/rds/auth
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/rds/auth"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	aws, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	// PGHOST, PGPORT, PGUSER, PGDATABASE and PGSSLROOTCERT are read from the environment.
	pool, err := pgxpool.ParseConfig("sslmode=verify-full")
	if err != nil {
		return err
	}
	// Called for each new connection. The token is signed here; the SDK renews the credentials.
	pool.BeforeConnect = func(ctx context.Context, to *pgx.ConnConfig) error {
		if to.Password != "" { // PGPASSWORD, of the proxy, which signs itself
			return nil
		}
		endpoint := fmt.Sprintf("%s:%d", to.Host, to.Port)
		token, err := auth.BuildAuthToken(ctx, endpoint, os.Getenv("AWS_REGION"), to.User, aws.Credentials)
		to.Password = token
		return err
	}
	db, err := pgxpool.NewWithConfig(ctx, pool)
	if err != nil {
		return err
	}
	defer db.Close()

	// Two at once are two connections, and so two tokens.
	for range 2 {
		connection, err := db.Acquire(ctx)
		if err != nil {
			return err
		}
		defer connection.Release()
		var user string
		if err := connection.QueryRow(ctx, "SELECT current_user").Scan(&user); err != nil {
			return err
		}
		fmt.Println(user)
	}
	return nil
}
