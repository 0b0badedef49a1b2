"""What the five services share: ids, errors, settings, contracts, markup, mirror tables, database, messaging, web."""
