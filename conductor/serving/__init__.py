"""What happens to a request before a view, and instead of one."""
