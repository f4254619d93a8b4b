"""What tests share: rows, logins, sockets, waiting, texts of people."""
