"""Every table, one file a domain and one PostgreSQL schema each; a function imports only its own."""
