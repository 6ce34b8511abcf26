# What Rails reads from config/database.yml, and a pool of two.
require "active_record"
require_relative "rds_iam"

ActiveRecord::Base.establish_connection(
  adapter: "postgresql",
  host: ENV.fetch("PGHOST"),
  port: ENV.fetch("PGPORT", 5432),
  database: ENV.fetch("PGDATABASE"),
  username: ENV.fetch("PGUSER"),
  password: ENV["PGPASSWORD"],
  sslmode: "verify-full",
  sslrootcert: ENV.fetch("PGSSLROOTCERT"),
  pool: 2
)

pool = ActiveRecord::Base.connection_pool
# Two at once are two connections, and so two tokens.
[pool.checkout, pool.checkout].each { |connection| puts connection.select_value("SELECT current_user") }
