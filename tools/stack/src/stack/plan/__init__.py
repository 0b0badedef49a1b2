"""What is to run: options, addresses, secrets, and the services and simulators made from them."""
