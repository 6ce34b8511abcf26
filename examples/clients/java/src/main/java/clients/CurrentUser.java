package clients;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;

final class CurrentUser {
  static void print(Connection connection) throws Exception {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT current_user")) {
      result.next();
      System.out.println(result.getString(1));
    }
  }

  private CurrentUser() {}
}
