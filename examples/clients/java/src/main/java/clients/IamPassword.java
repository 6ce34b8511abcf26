package clients;

import org.postgresql.plugin.AuthenticationPlugin;
import org.postgresql.plugin.AuthenticationRequestType;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.rds.RdsUtilities;

/**
 * Called by pgjdbc for each new connection: its driver property `authenticationPluginClassName` names this class.
 * The token is signed here, without a call to AWS; the SDK renews the credentials.
 */
public final class IamPassword implements AuthenticationPlugin {
  private static final RdsUtilities RDS =
      RdsUtilities.builder()
          .region(Region.of(System.getenv("AWS_REGION")))
          .credentialsProvider(DefaultCredentialsProvider.builder().build())
          .build();

  @Override
  public char[] getPassword(AuthenticationRequestType type) {
    String given = System.getenv("PGPASSWORD"); // of the proxy, which signs itself
    if (given != null) return given.toCharArray();
    return RDS.generateAuthenticationToken(
            token ->
                token
                    .hostname(System.getenv("PGHOST"))
                    .port(Integer.parseInt(System.getenv("PGPORT")))
                    .username(System.getenv("PGUSER")))
        .toCharArray();
  }
}
