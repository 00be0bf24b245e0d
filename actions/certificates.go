package actions

// The fields of a connection with certificates.
const (
	FieldCertificate    = "client_certificate"
	FieldCertificateKey = "client_key"
	FieldAuthority      = "ca"
)

// CertificateFields are what a connection may say about TLS. Each is PEM, and none is needed.
func CertificateFields() []Field {
	return []Field{
		{ID: FieldCertificate, Label: "Client certificate", Help: "What is shown to a server that asks for one (mutual TLS), with those between it and its authority: beginning with -----BEGIN CERTIFICATE.", Type: LongText},
		{ID: FieldCertificateKey, Label: "Private key", Help: "Of the client certificate, without a passphrase: beginning with -----BEGIN.", Type: LongText, Secret: true},
		{ID: FieldAuthority, Label: "Certificate authority", Help: "Whom else to trust there, as a company's own authority, or the server's own certificate where it signed it itself: beginning with -----BEGIN CERTIFICATE.", Type: LongText},
	}
}
