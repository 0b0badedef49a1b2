"""What services promise each other and the outside: topics, events, HTTP bodies."""
