package clients;

import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Properties;

/** The AWS Advanced JDBC Wrapper around pgjdbc: its plugin `iam` signs, and keeps a token for 15 minutes. */
public final class WithWrapper {
  public static void main(String[] arguments) throws Exception {
    String url =
        "jdbc:aws-wrapper:postgresql://%s:%s/%s"
            .formatted(System.getenv("PGHOST"), System.getenv("PGPORT"), System.getenv("PGDATABASE"));
    Properties properties = new Properties();
    properties.setProperty("wrapperPlugins", "iam");
    properties.setProperty("user", System.getenv("PGUSER"));
    properties.setProperty("sslmode", "verify-full");
    properties.setProperty("sslrootcert", System.getenv("PGSSLROOTCERT"));
    try (Connection first = DriverManager.getConnection(url, properties);
        Connection second = DriverManager.getConnection(url, properties)) {
      for (Connection connection : new Connection[] {first, second}) CurrentUser.print(connection);
    }
  }
}
