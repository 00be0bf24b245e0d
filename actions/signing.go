package actions

// The fields that a signature of AWS is made of beside the two keys. FieldSession may be empty.
const (
	FieldRegion  = "region"
	FieldService = "service"
	FieldSession = "session_token"
)
