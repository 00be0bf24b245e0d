package value

import (
	"encoding/json"
	"time"
)

// DataVerb says what is done in a data store.
type DataVerb string

const (
	DataGet    DataVerb = "get"
	DataList   DataVerb = "list"
	DataSet    DataVerb = "set"
	DataDelete DataVerb = "delete"
	DataAdd    DataVerb = "increment"
	DataSeen   DataVerb = "dedupe" // remembers Keys, and says which were known
	DataLock   DataVerb = "lock"
	DataUnlock DataVerb = "unlock"
)

// DataOp is one operation on a data store: a workspace's values by store and key.
type DataOp struct {
	Workspace string
	Verb      DataVerb
	Store     string          // slug; of DataSeen and of locks, which have stores of their own, too
	Key       string          // of one value, or of a lock
	Keys      []string        // of DataSeen
	Value     json.RawMessage // of DataSet
	Only      string          // of DataSet: "new" or "existing"; empty: either
	By        string          // of DataAdd: a number as JSON writes it
	For       time.Duration   // how long it is kept; zero: for ever
	Prefix    string          // of DataList: of the keys
	After     string          // of DataList: the key behind which it begins
	Limit     int             // of DataList
	Run       string          // who does it; a lock is that run's
	// Once is the idempotency key of what writes. The same one is carried out once, and answered each time as the first; empty: it
	// has none.
	Once string
}

// Writes says that an operation changes something.
func (v DataVerb) Writes() bool { return v != DataGet && v != DataList }

// DataItem is a value of a store.
type DataItem struct {
	Key     string          `json:"key"`
	Value   json.RawMessage `json:"value"`
	At      time.Time       `json:"updated_at"`
	Expires time.Time       `json:"expires_at,omitzero"`
}

// DataAnswer is what came of an operation.
type DataAnswer struct {
	Found  bool       `json:"found,omitempty"` // it was there before; of a lock: it is held by another
	Item   DataItem   `json:"item,omitzero"`   // as it is now; of DataDelete as it was
	Before DataItem   `json:"before,omitzero"` // of DataSet, where it was there
	Items  []DataItem `json:"items,omitempty"` // of DataList
	More   bool       `json:"more,omitempty"`  // of DataList: there are further ones
	Known  []string   `json:"known,omitempty"` // of DataSeen: those that were known
	Holder string     `json:"holder,omitempty"`
	Until  time.Time  `json:"until,omitzero"` // of a lock
}

// DataStore is one of a workspace's stores.
type DataStore struct {
	Slug  string
	Items int
}
