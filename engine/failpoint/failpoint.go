// Package failpoint names the places at which the crash rigs end the process. Only a build with the tag `failpoints` has
// them: in every other one Here is empty and inlined away, and Or gives back what it was given.
package failpoint

// Variable is the environment variable that a build with failpoints reads: comma-separated, a place and the how many-th
// time at which the process is killed there ("commit.before:17"), or the name of a knob and its value
// ("checkpoint.pages=100").
const Variable = "STEPMILL_FAILPOINT"

// The places, as they come in the life of an event.
const (
	AcceptBefore     = "accept.before"     // the event was read, and is queued for the writer next
	AcceptAfter      = "accept.after"      // it is on disk, and not answered yet
	CommitBefore     = "commit.before"     // a group is written, and not committed
	CommitAfter      = "commit.after"      // it is on disk, and nobody was told
	EffectBefore     = "effect.before"     // the intent is on disk, and the call is not made
	EffectAfter      = "effect.after"      // the call was answered, and the answer is not on disk
	CheckpointBefore = "checkpoint.before" // the log is about to be written into the database
	CheckpointAfter  = "checkpoint.after"  // it was
	MigrationBefore  = "migration.before"  // a migration was carried out, and is not committed
	MigrationAfter   = "migration.after"   // it is committed
)

// EffectCrash is where the process ends by a defect of its own, as when an action exhausts the stack: by a panic that nobody
// can catch.
const EffectCrash = "effect.crash"

// Where a connection's token is renewed. The rig that dies there has a vendor of its own, so they are not of All.
const (
	TokenBefore = "token.before" // the right to renew it is on disk, and the vendor is not asked
	TokenAfter  = "token.after"  // the vendor gave new ones, and they are not on disk
)

// CheckpointPages is the knob for how long the log grows before it is written into the database.
const CheckpointPages = "checkpoint.pages"

// All lists the places.
func All() []string {
	return []string{AcceptBefore, AcceptAfter, CommitBefore, CommitAfter, EffectBefore, EffectAfter, CheckpointBefore, CheckpointAfter, MigrationBefore, MigrationAfter}
}
