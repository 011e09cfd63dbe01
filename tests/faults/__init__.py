"""What must not go wrong, tried on the running product: processes killed, streams cut, brokers emptied."""
