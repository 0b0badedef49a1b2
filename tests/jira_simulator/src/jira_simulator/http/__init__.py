"""The REST surface of both personalities and the control doors."""
