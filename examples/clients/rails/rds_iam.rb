# config/initializers/rds_iam.rb: every new connection of Active Record logs in with a fresh token.
# Gemfile: gem "pg", gem "aws-sdk-core". (Aws::RDS::AuthTokenGenerator of aws-sdk-rds does what #token does.)
require "active_record/connection_adapters/postgresql_adapter"
require "aws-sdk-core"

module RdsIam
  def new_client(parameters)
    # Any other database keeps its own password, and so does the proxy, which signs itself.
    return super unless parameters[:host].to_s.include?(".rds.")
    super(parameters.merge(password: RdsIam.token(parameters)))
  end

  # Signed here, without a call to AWS; the SDK renews the credentials.
  def self.token(parameters, region: ENV.fetch("AWS_REGION"))
    @credentials ||= Aws::STS::Client.new(region: region).config.credentials
    signer = Aws::Sigv4::Signer.new(service: "rds-db", region: region, credentials_provider: @credentials)
    query = URI.encode_www_form(Action: "connect", DBUser: parameters[:user])
    url = "https://#{parameters[:host]}:#{parameters[:port] || 5432}/?#{query}"
    signer.presign_url(http_method: "GET", url: url, expires_in: 900).to_s.delete_prefix("https://")
  end
end

ActiveRecord::ConnectionAdapters::PostgreSQLAdapter.singleton_class.prepend(RdsIam)
