//go:build !linux

package main

func dropTables() {}
