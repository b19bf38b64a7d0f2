export declare function apiTypes(document: object): Promise<string>;
