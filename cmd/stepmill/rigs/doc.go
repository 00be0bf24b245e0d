// Package rigs holds the crash rigs: the real program is killed, its power cut, its disk made to fail and to be full, and
// then asked for every event that it answered with 2xx. It is tests only; README.md says what each does and found.
package rigs
