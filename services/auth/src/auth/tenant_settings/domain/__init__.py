"""The rules of changing settings: values in, decisions out, no I/O."""
