"""The rules of API tokens: values in, decisions out."""
