"""SQL of auth: rows in and out of schema `auth`."""
