// lib/pq: a database/sql pool whose every new connection logs in with a fresh token.
// go get github.com/lib/pq github.com/aws/aws-sdk-go-v2/config github.com/aws/aws-sdk-go-v2/feature/rds/auth
package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"log"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/rds/auth"
	"github.com/lib/pq"
)

// connector is asked by database/sql for each new connection of the pool.
type connector struct {
	endpoint, region, user string
	credentials            aws.CredentialsProvider
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	password := os.Getenv("PGPASSWORD") // of the proxy, which signs itself
	if password == "" {
		token, err := auth.BuildAuthToken(ctx, c.endpoint, c.region, c.user, c.credentials)
		if err != nil {
			return nil, err
		}
		password = token
	}
	// The rest is read from PGHOST, PGPORT, PGUSER, PGDATABASE and PGSSLROOTCERT. A token contains no quote or backslash.
	signed, err := pq.NewConnector(fmt.Sprintf("sslmode=verify-full password='%s'", password))
	if err != nil {
		return nil, err
	}
	return signed.Connect(ctx)
}

func (c connector) Driver() driver.Driver { return &pq.Driver{} }

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector{
		endpoint:    os.Getenv("PGHOST") + ":" + os.Getenv("PGPORT"),
		region:      os.Getenv("AWS_REGION"),
		user:        os.Getenv("PGUSER"),
		credentials: settings.Credentials,
	})
	defer db.Close()

	// Two at once are two connections, and so two tokens.
	for range 2 {
		connection, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer connection.Close()
		var user string
		if err := connection.QueryRowContext(ctx, "SELECT current_user").Scan(&user); err != nil {
			return err
		}
		fmt.Println(user)
	}
	return nil
}
