"""What auth uses outside its database: password hashing, counting of tries, signing."""
