package clients;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;

/** pgjdbc with HikariCP: a pool whose every new connection logs in with a fresh token. */
public final class WithHikari {
  public static void main(String[] arguments) throws Exception {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(
        "jdbc:postgresql://%s:%s/%s"
            .formatted(System.getenv("PGHOST"), System.getenv("PGPORT"), System.getenv("PGDATABASE")));
    config.setUsername(System.getenv("PGUSER"));
    config.addDataSourceProperty("authenticationPluginClassName", "clients.IamPassword");
    config.addDataSourceProperty("sslmode", "verify-full");
    config.addDataSourceProperty("sslrootcert", System.getenv("PGSSLROOTCERT"));
    try (HikariDataSource pool = new HikariDataSource(config)) {
      // Two at once are two connections, and so two tokens.
      try (Connection first = pool.getConnection();
          Connection second = pool.getConnection()) {
        for (Connection connection : new Connection[] {first, second}) CurrentUser.print(connection);
      }
    }
  }
}
