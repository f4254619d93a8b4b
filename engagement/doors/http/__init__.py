"""Routes before Django: signals of integrations, pages without sockets."""
