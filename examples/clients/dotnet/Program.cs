// Npgsql: a data source that asks for a fresh token for each new connection.
// dotnet add package Npgsql; dotnet add package AWSSDK.RDS
using Amazon;
using Amazon.RDS.Util;
using Npgsql;

string Setting(string name) => Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set");

var to = new NpgsqlConnectionStringBuilder
{
    Host = Setting("PGHOST"),
    Port = int.Parse(Setting("PGPORT")),
    Username = Setting("PGUSER"),
    Database = Setting("PGDATABASE"),
    SslMode = SslMode.VerifyFull,
    RootCertificate = Setting("PGSSLROOTCERT"),
};
var region = RegionEndpoint.GetBySystemName(Setting("AWS_REGION"));

// Signed here, without a call to AWS; the SDK renews the credentials.
// PGPASSWORD is for the proxy, which signs itself.
string Token() =>
    Environment.GetEnvironmentVariable("PGPASSWORD") ??
    RDSAuthTokenGenerator.GenerateAuthToken(region, to.Host, to.Port, to.Username);

var builder = new NpgsqlDataSourceBuilder(to.ConnectionString);
// Called for each new connection.
builder.UsePasswordProvider(_ => Token(), (_, _) => ValueTask.FromResult(Token()));
await using var source = builder.Build();

// Two at once are two connections, and so two tokens.
await using var first = await source.OpenConnectionAsync();
await using var second = await source.OpenConnectionAsync();
foreach (var connection in new[] { first, second })
{
    await using var command = new NpgsqlCommand("SELECT current_user", connection);
    Console.WriteLine(await command.ExecuteScalarAsync());
}
