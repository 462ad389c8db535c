# Nothing but an option.
no-compress
