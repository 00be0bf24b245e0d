package api

import (
	"strings"

	"github.com/danielgtaylor/huma/v2/validation"
)

// speak gives huma's validation the words that the rest of the API has. What they are said of stands beside them, as a path.
func speak() {
	validation.MsgUnexpectedProperty = "there is no such property"
	validation.MsgExpectedBoolean = "it must be true or false"
	validation.MsgExpectedNumber = "it must be a number"
	validation.MsgExpectedInteger = "it must be a whole number"
	validation.MsgExpectedString = "it must be a text"
	validation.MsgExpectedArray = "it must be a list"
	validation.MsgExpectedObject = "it must be an object"
	validation.MsgExpectedArrayItemsUnique = "no item of the list may stand twice"
	validation.MsgExpectedOneOf = "it must be one of \"%s\""
	validation.MsgExpectedMinimumNumber = "it must be at least %v"
	validation.MsgExpectedExclusiveMinimumNumber = "it must be more than %v"
	validation.MsgExpectedMaximumNumber = "it must be at most %v"
	validation.MsgExpectedExclusiveMaximumNumber = "it must be less than %v"
	validation.MsgExpectedMinLength = "it must have at least %d characters"
	validation.MsgExpectedMaxLength = "it must have at most %d characters"
	validation.MsgExpectedBePattern = "it must be of %s"
	validation.MsgExpectedMatchPattern = "it must match the pattern %s"
	validation.MsgExpectedMinItems = "the list must have at least %d items"
	validation.MsgExpectedMaxItems = "the list must have at most %d items"
	validation.MsgExpectedMinProperties = "the object must have at least %d properties"
	validation.MsgExpectedMaxProperties = "the object must have at most %d properties"
	validation.MsgExpectedRequiredProperty = "the property %s is missing"
}

// plainly says of a parameter that cannot be read what it must be; empty: huma's words will do.
func plainly(message string) string {
	switch {
	case message == "invalid integer":
		return "it must be a whole number"
	case message == "invalid float", message == "invalid floating value":
		return "it must be a number"
	case message == "invalid boolean":
		return "it must be true or false"
	case strings.HasPrefix(message, "invalid date/time"):
		return "it must be a time, as 2026-01-31T09:30:00Z"
	}
	return ""
}
