package sqlite

// OpenBoth is Open, with the connection that writes.
var OpenBoth = open

// Local says whether a directory on a file system of a number is taken, and FileSystem which it is on.
var (
	Local      = local
	FileSystem = fileSystem
)
