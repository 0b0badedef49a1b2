"""What tests of all services share: real parts started once, a database per test, Kafka topics per module."""
