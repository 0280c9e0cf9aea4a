//! The only place that signs tokens. The private key is made at first start and stored sealed.

use std::{fmt, sync::Arc};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    jwk::{Jwk, JwkSet, KeyAlgorithm, PublicKeyUse},
};
use serde::Serialize;
use shared_db::{Db, Json};
use shared_runtime::{Sealer, random_token};
use shared_types::{
    Clock,
    access::{
        ACCESS_TOKEN_TYPE, Claims, ISSUER, Role, SERVICE_TOKEN_SECONDS, SERVICE_TOKEN_TYPE, Scope,
        ServiceClaims, service,
    },
    ids::{SessionId, UserId},
    internal::IssuedToken,
};
use zeroize::Zeroizing;

use crate::{
    error::Error,
    store::signing_keys::{ACTIVE, SigningKeyRow, insert_key, list_keys},
};

/// Whom a person's access token is for.
#[derive(Debug, Clone)]
pub(crate) struct Holder {
    pub(crate) user_id: UserId,
    pub(crate) session_id: SessionId,
    pub(crate) client_id: String,
    pub(crate) role: Role,
    pub(crate) name: String,
    pub(crate) scopes: Vec<Scope>,
}

/// Signs tokens with the active key and publishes the public ones.
pub(crate) struct Issuer {
    kid: String,
    key: EncodingKey,
    jwks: JwkSet,
    clock: Arc<dyn Clock>,
    access_token_seconds: i64,
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

impl Issuer {
    /// The issuer with the stored key; makes one at first start.
    pub(crate) async fn load(
        db: &Db,
        sealer: &Sealer,
        clock: Arc<dyn Clock>,
        access_token_seconds: u32,
    ) -> Result<Self, Error> {
        let rows: Vec<_> = db.run(|conn| Ok::<_, Error>(list_keys(conn)?)).await?;
        let rows = if rows.iter().any(|row| row.state == ACTIVE) {
            rows
        } else {
            let fresh = make_key(sealer, &*clock)?;
            db.tx(move |conn| {
                insert_key(conn, &fresh)?;
                Ok::<_, Error>(list_keys(conn)?)
            })
            .await?
        };
        let active = rows
            .iter()
            .find(|row| row.state == ACTIVE)
            .ok_or_else(|| Error::broken("signing keys", "none is active"))?;
        let pkcs8 = Zeroizing::new(sealer.open(&context(&active.kid), &active.private_sealed)?);
        let keys = rows.iter().map(|row| row.public_jwk.parse::<Jwk>());
        Ok(Self {
            kid: active.kid.clone(),
            key: EncodingKey::from_ec_der(&pkcs8),
            jwks: JwkSet {
                keys: keys.collect::<Result<_, _>>()?,
            },
            clock,
            access_token_seconds: access_token_seconds.into(),
        })
    }

    /// The public keys.
    pub(crate) fn jwks(&self) -> &JwkSet {
        &self.jwks
    }

    /// A person's access token for all services.
    pub(crate) fn access_token(&self, holder: &Holder) -> Result<IssuedToken, Error> {
        let now = self.clock.now().timestamp();
        let scopes: Vec<_> = holder.scopes.iter().map(|scope| scope.as_str()).collect();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: service::ALL.map(str::to_owned).to_vec(),
            sub: holder.user_id,
            client_id: holder.client_id.clone(),
            sid: holder.session_id,
            jti: random_token(16),
            scope: scopes.join(" "),
            role: holder.role,
            name: holder.name.clone(),
            iat: now,
            nbf: now,
            exp: now + self.access_token_seconds,
        };
        Ok(IssuedToken {
            access_token: self.sign(ACCESS_TOKEN_TYPE, &claims)?,
            expires_in: self.access_token_seconds,
        })
    }

    /// A token that `caller` shows `audience`.
    pub(crate) fn service_token(&self, caller: &str, audience: &str) -> Result<IssuedToken, Error> {
        let now = self.clock.now().timestamp();
        let claims = ServiceClaims {
            iss: ISSUER.to_owned(),
            aud: vec![audience.to_owned()],
            sub: caller.to_owned(),
            jti: random_token(16),
            iat: now,
            nbf: now,
            exp: now + SERVICE_TOKEN_SECONDS,
        };
        Ok(IssuedToken {
            access_token: self.sign(SERVICE_TOKEN_TYPE, &claims)?,
            expires_in: SERVICE_TOKEN_SECONDS,
        })
    }

    fn sign(&self, kind: &str, claims: &impl Serialize) -> Result<String, Error> {
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(kind.to_owned());
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.key)
            .map_err(|err| Error::broken("signing a token", err))
    }
}

fn context(kid: &str) -> String {
    format!("signing-key/{kid}")
}

fn make_key(sealer: &Sealer, clock: &dyn Clock) -> Result<SigningKeyRow, Error> {
    let document =
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|err| Error::broken("making a signing key", err))?;
    let pkcs8 = document.as_ref();
    let kid = random_token(8);
    let encoding = EncodingKey::from_ec_der(pkcs8);
    let mut jwk = Jwk::from_encoding_key(&encoding, Algorithm::ES256)
        .map_err(|err| Error::broken("publishing a signing key", err))?;
    jwk.common.key_id = Some(kid.clone());
    jwk.common.key_algorithm = Some(KeyAlgorithm::ES256);
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    Ok(SigningKeyRow {
        private_sealed: sealer.seal(&context(&kid), pkcs8),
        public_jwk: Json::of(&jwk)?,
        kid,
        state: ACTIVE.to_owned(),
        created_at: clock.now().into(),
    })
}
