"""HTTP bodies that the gateway documents and the owning service reads."""
