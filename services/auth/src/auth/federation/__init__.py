"""Sign-in through an identity provider of the tenant, or through Atlassian."""
