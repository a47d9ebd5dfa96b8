//! The macros that the generated modules call. A generated module has only what the API says, and
//! the macros write the code.

/// A namespace: the namespaces in it, and a method for each of its routes. A required parameter is
/// an argument.
macro_rules! namespace {
    (
        $(#[$meta:meta])*
        $type:ident {
            namespaces {
                $($(#[$child_meta:meta])* mod $child:ident: $child_type:ident;)*
            }
            routes {
                $($(#[$route_meta:meta])*
                fn $name:ident($($argument:ident: $kind:ident = $wire:literal),*) -> $request:ident;)*
            }
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $type(pub(crate) $crate::client::Seam);

        impl $type {
            $($(#[$child_meta])*
            #[must_use]
            pub fn $child(&self) -> $child_type {
                $child_type(self.0.clone())
            })*

            $($(#[$route_meta])*
            pub fn $name(
                &self
                $(, $argument: impl $crate::client::params::$kind)*
            ) -> $request {
                let parts = $crate::client::request::RequestParts::new(&self.0, $request::PATH);
                $request(parts $(.with(
                    $wire,
                    $crate::client::params::$kind::into_json($argument),
                ))*)
            })*
        }
    };
}

/// A request: a setter for each optional parameter, and its result.
macro_rules! request {
    (
        $(#[$meta:meta])*
        $type:ident($path:literal) -> $result:ident $(<$item:ty>)? {
            $($(#[$parameter_meta:meta])* $name:ident: $kind:ident = $wire:literal,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        #[must_use = "a request is sent when it is awaited"]
        pub struct $type(pub(crate) $crate::client::request::RequestParts);

        impl $type {
            pub(crate) const PATH: &'static str = $path;

            $($(#[$parameter_meta])*
            pub fn $name(self, $name: impl $crate::client::params::$kind) -> Self {
                Self(self.0.with(
                    $wire,
                    $crate::client::params::$kind::into_json($name),
                ))
            })*
        }

        $crate::client::routes::macros::result!($result $type $($item)?);
    };
}

/// What a request resolves to.
macro_rules! result {
    (One $type:ident $item:ty) => {
        impl IntoFuture for $type {
            type Output = Result<$item, $crate::client::SeamError>;
            type IntoFuture = $crate::client::BoxFuture<Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                self.0.send($crate::client::request::read_result)
            }
        }
    };
    (Attempt $type:ident $item:ty) => {
        impl $type {
            /// Waits for the action attempt in this way; by default as the client does.
            pub fn waiting(mut self, options: $crate::PollOptions) -> Self {
                self.0.polling = Some(options);
                self
            }

            /// Does not wait for the action attempt, which may be pending.
            pub fn without_waiting(mut self) -> Self {
                self.0.polling = None;
                self
            }
        }

        $crate::client::routes::macros::result!(One $type $item);
    };
    (List $type:ident $item:ty) => {
        $crate::client::routes::macros::result!(One $type Vec<$item>);
    };
    (Watchable $type:ident $item:ty) => {
        impl $type {
            /// Keeps the list up to date, as a stream of its changes.
            pub fn watch(self) -> $crate::client::ListStream<$item> {
                $crate::client::ListStream::new(self.0)
            }
        }

        $crate::client::routes::macros::result!(List $type $item);
    };
    (WatchablePaged $type:ident $item:ty) => {
        impl $type {
            /// Keeps the list, with all its pages, up to date, as a stream of its changes.
            pub fn watch(self) -> $crate::client::ListStream<$item> {
                $crate::client::ListStream::new(self.0)
            }
        }

        $crate::client::routes::macros::result!(Paged $type $item);
    };
    (Paged $type:ident $item:ty) => {
        impl $type {
            /// Returns the items of all pages.
            pub fn pages(self) -> $crate::client::Pages<$item> {
                $crate::client::Pages::new(self.0)
            }
        }

        impl IntoFuture for $type {
            type Output = Result<$crate::client::Page<$item>, $crate::client::SeamError>;
            type IntoFuture = $crate::client::BoxFuture<Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                self.0.send($crate::client::paginator::read_page)
            }
        }
    };
    (Nothing $type:ident) => {
        impl IntoFuture for $type {
            type Output = Result<(), $crate::client::SeamError>;
            type IntoFuture = $crate::client::BoxFuture<Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                self.0.send(|_, _| Ok(()))
            }
        }
    };
}

pub(crate) use {namespace, request, result};
