package api

import "github.com/danielgtaylor/huma/v2/validation"

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
