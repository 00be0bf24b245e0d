package sqlite

// OpenBoth is Open, with the connection that writes.
var OpenBoth = open
