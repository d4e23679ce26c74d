// What the station's screen asks, for relay-compiler to read; relay.mjs runs what it makes.
graphql`
  query StationQuery {
    ...Station_list
  }
`;
graphql`
  fragment Station_list on Query
  @refetchable(queryName: "StationListQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 3 }, after: { type: "String" }) {
    serviceRequests(first: $first, after: $after) @connection(key: "Station_serviceRequests") {
      __id
      feedCursor
      edges { node { id ...Station_card } }
    }
  }
`;
graphql`
  fragment Station_card on ServiceRequest @refetchable(queryName: "StationCardQuery") {
    id
    version
    revision
    title
    state
  }
`;
graphql`
  mutation StationChangeMutation($input: ServiceRequestChangeInput!) {
    serviceRequestChange(input: $input) {
      serviceRequest { ...Station_card }
      errors { __typename code message path ... on ConflictError { expectedVersion actualVersion } }
    }
  }
`;
graphql`
  subscription StationFeedSubscription($after: String, $connections: [ID!]!) {
    requestFeed(filter: { communityId: "com_130203001010" }, after: $after) {
      __typename
      ... on FeedEvent { cursor }
      ... on RequestEntered {
        serviceRequest @prependNode(connections: $connections, edgeTypeName: "ServiceRequestEdge") { id ...Station_card }
      }
      ... on RequestChanged { serviceRequest { id ...Station_card } }
    }
  }
`;
